// V8 flags for the WebAssembly code of the embedded database.
import { setFlagsFromString } from 'node:v8'

/**
 * Disables the optimising compiler, for short-lived commands. Call before the embedded database is opened. The compiler
 * needs 600 MB for one function of PGlite: the process peaks at 865 MB with it, at 290 MB without (Node 24.21, PGlite 0.5.16).
 */
export function disableWasmOptimisation(): void {
  setFlagsFromString('--no-wasm-tier-up')
  setFlagsFromString('--no-wasm-dynamic-tiering')
}

/**
 * Delays the optimising compiler, for long-running processes. Call before the embedded database is opened. With ten times
 * the default tiering budget a start takes a quarter less CPU time, and hot functions are still optimised in the first
 * second of load (Node 24.21, PGlite 0.5.16).
 */
export function delayWasmOptimisation(): void {
  setFlagsFromString('--wasm-tiering-budget=130000000')
}
