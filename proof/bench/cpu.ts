// How much processor time processes have used: what a request costs, whatever else the machine is doing.
import { readdirSync, readFileSync } from 'node:fs'

/** Seconds of processor time that the process and its children have used, the ended ones too; NaN without /proc. */
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

/** utime and stime, of which the process's name in brackets may hold anything. */
function ticksOf(pid: number): number {
  try {
    const fields = statOf(pid)
    return Number(fields[11]) + Number(fields[12])
  } catch {
    return 0
  }
}

/** cutime and cstime: of the children it has waited for, as the postmaster does for each of its sessions. */
function endedTicksOf(pid: number): number {
  const fields = statOf(pid)
  return Number(fields[13]) + Number(fields[14])
}

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
