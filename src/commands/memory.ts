// What V8 is told about the WebAssembly of the embedded database: how much it may optimise, and how soon.
import { setFlagsFromString } from 'node:v8'

/**
 * Call before the embedded database is opened. V8's optimising compiler takes 600 MB for half a second over a single
 * function of PGlite: the process peaks at 865 MB with it, at 290 MB without. Measured on Node 24.21, PGlite 0.5.16.
 */
export function saveMemory(): void {
  setFlagsFromString('--no-wasm-tier-up')
  setFlagsFromString('--no-wasm-dynamic-tiering')
}

/**
 * Call before the embedded database is opened, in a process that goes on. V8 optimises a function of PGlite as soon as it is
 * a little warm; at ten times its budget a start takes a quarter less time of the processor, and what is really used is
 * optimised in the first second of load all the same. Measured on Node 24.21, PGlite 0.5.16.
 */
export function startBeforeOptimising(): void {
  setFlagsFromString('--wasm-tiering-budget=130000000')
}
