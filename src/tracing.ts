// OpenTelemetry: exports spans with OTLP over HTTP. Loaded only when OTEL_EXPORTER_OTLP_ENDPOINT is set.
import { AsyncLocalStorage } from 'node:async_hooks'
import {
  type Context,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import type { Config } from './config.ts'
import { type OpenSpan, type SpanAttributes, setTracer, type Tracer } from './core/trace.ts'

type TracingConfig = Pick<Config, 'otel_service_name' | 'otel_traces_sampler' | 'otel_traces_sampler_arg'>

/**
 * Starts to export spans, and returns a function that exports the remaining ones and stops. The exporter itself reads the
 * other OTEL_EXPORTER_OTLP_* variables (headers, timeout, compression, certificates), and envDetector OTEL_RESOURCE_ATTRIBUTES.
 */
export function startTracing(config: TracingConfig, endpoint: string, version: string): () => Promise<void> {
  const service = { 'service.name': config.otel_service_name, 'service.version': version }
  const exporter = new OTLPTraceExporter({ url: new URL('v1/traces', endpoint.replace(/\/?$/, '/')).href })
  const provider = new TracerProvider({
    resource: detectResources({ detectors: [envDetector] }).merge(resourceFromAttributes(service)),
    sampler: samplerOf(config.otel_traces_sampler, config.otel_traces_sampler_arg),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  })
  setTracer(createTracer(provider.getTracer('roost', version)))
  return async () => {
    setTracer(undefined)
    await provider.shutdown().catch(() => {})
  }
}

function samplerOf(name: Config['otel_traces_sampler'], ratio: number): Sampler {
  if (name.startsWith('parentbased_'))
    return new ParentBasedSampler({ root: samplerOf(name.slice(12) as 'always_on', ratio) })
  if (name === 'traceidratio') return new TraceIdRatioBasedSampler(ratio)
  return name === 'always_off' ? new AlwaysOffSampler() : new AlwaysOnSampler()
}

function createTracer(tracer: ReturnType<TracerProvider['getTracer']>): Tracer {
  const active = new AsyncLocalStorage<Context>()
  return {
    startRequest(method, traceparent) {
      const parent = parentOf(traceparent)
      const attributes = { 'http.request.method': method }
      const span = tracer.startSpan(method, { kind: SpanKind.SERVER, attributes }, parent)
      return openSpan(span, (work) => active.run(trace.setSpan(parent, span), work))
    },
    async run(name, attributes, work) {
      const parent = active.getStore() ?? ROOT_CONTEXT
      const span = tracer.startSpan(name, { attributes }, parent)
      try {
        return await active.run(trace.setSpan(parent, span), work)
      } catch (error) {
        fail(span, codeOf(error))
        throw error
      } finally {
        span.end()
      }
    },
  }
}

function openSpan(span: Span, run: OpenSpan['run']): OpenSpan {
  return {
    run,
    end(attributes: SpanAttributes, name, error) {
      if (name !== undefined) span.updateName(name)
      span.setAttributes(attributes)
      if (error !== undefined) fail(span, error)
      span.end()
    },
  }
}

function fail(span: Span, code: string): void {
  span.setAttribute('error.type', code)
  span.setStatus({ code: SpanStatusCode.ERROR })
}

/** The code of an AppError or of PostgreSQL. Messages may contain personal data. */
function codeOf(error: unknown): string {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown }
  return String(code ?? name ?? 'unknown')
}

const traceparent_format = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})/

/** tracestate is not read: it is text of the client, which would be exported. */
function parentOf(traceparent = ''): Context {
  const [, traceId = '', spanId = '', flags = '00'] = traceparent_format.exec(traceparent) ?? []
  const traceFlags = Number.parseInt(flags, 16) & TraceFlags.SAMPLED
  const parent = { traceId, spanId, traceFlags, isRemote: true }
  return isSpanContextValid(parent) ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT
}
