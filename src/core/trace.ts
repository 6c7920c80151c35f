// Spans of requests, transactions, statements and jobs. Without a tracer (src/tracing.ts) they cost one comparison.

export type SpanAttributes = Readonly<Record<string, string | number | boolean>>

/** A span that is open until `end`. */
export interface OpenSpan {
  /** Runs `work`: spans that begin in it, also later, are children of this span. */
  run(work: () => void): void
  /** `error`: a code that tells what failed, never a message, which may contain personal data. */
  end(attributes: SpanAttributes, name?: string, error?: string): void
}

export interface Tracer {
  /** The root of a trace, or the continuation of the trace in `traceparent` (W3C Trace Context). */
  startRequest(method: string, traceparent: string | undefined): OpenSpan
  /** Runs `work` in a span that ends with it. */
  run<T>(name: string, attributes: SpanAttributes, work: () => Promise<T>): Promise<T>
}

let tracer: Tracer | undefined

/** Undefined turns traces off. */
export function setTracer(to: Tracer | undefined): void {
  tracer = to
}

export function traced<T>(name: string, attributes: SpanAttributes, work: () => Promise<T>): Promise<T> {
  return tracer === undefined ? work() : tracer.run(name, attributes, work)
}

/** A span for a statement: its text with placeholders, never its values. */
export function tracedStatement<T>(text: string, work: () => Promise<T>): Promise<T> {
  if (tracer === undefined) return work()
  const query = text.replaceAll(/\s+/g, ' ').trim()
  const [operation = 'statement'] = query.split(' ', 1)
  const attributes = { 'db.system.name': 'postgresql', 'db.query.text': query.slice(0, 2000) }
  return tracer.run(operation.toLowerCase(), attributes, work)
}

export function startRequestSpan(method: string, traceparent: string | undefined): OpenSpan | undefined {
  return tracer?.startRequest(method, traceparent)
}
