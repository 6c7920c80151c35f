// CPU time of processes, from /proc.
import { readdirSync, readFileSync } from 'node:fs'

/** CPU seconds of the process and its children, including ended ones; NaN without /proc. */
export function cpuSeconds(pid: number): number {
  try {
    return (
      (childrenOf(pid).reduce((sum, one) => sum + ticksOf(one), ticksOf(pid)) + endedTicksOf(pid)) / ticks_per_second
    )
  } catch {
    return Number.NaN
  }
}

/** USER_HZ, which is 100 on every Linux (proc(5)). */
const ticks_per_second = 100

/** utime + stime. */
function ticksOf(pid: number): number {
  try {
    const fields = statOf(pid)
    return Number(fields[11]) + Number(fields[12])
  } catch {
    return 0
  }
}

/** cutime + cstime: the ended children of the process. The postmaster waits for all its backends. */
function endedTicksOf(pid: number): number {
  const fields = statOf(pid)
  return Number(fields[13]) + Number(fields[14])
}

/** The fields of /proc/PID/stat after the process name, which may contain spaces and brackets. */
function statOf(pid: number): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
}

function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((one) => {
      try {
        return one > 0 && Number(statOf(one)[1]) === pid
      } catch {
        return false
      }
    })
}
