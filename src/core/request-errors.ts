// Errors about the request as such: what cannot be read, or names nothing that is there. Part of THE taxonomy (errors.ts).
import { define } from './app-error.ts'

export class BadRequestError extends define(
  'BAD_REQUEST',
  400,
  'The request could not be understood.',
  'The request line, the URL, a header or the framing of the request is malformed.',
  'Correct the request; most HTTP libraries never send one like this.',
) {}
export class MalformedJsonError extends define(
  'MALFORMED_JSON',
  400,
  'The body is not valid JSON.',
  'The body cannot be parsed as JSON, is empty, is not UTF-8, or names __proto__ or constructor.prototype.',
  'Send one JSON object encoded as UTF-8.',
) {}
export class RouteNotFoundError extends define(
  'ROUTE_NOT_FOUND',
  404,
  'There is nothing at this address.',
  'No operation has this path.',
  'See /docs for every operation.',
) {}
export class MethodNotAllowedError extends define(
  'METHOD_NOT_ALLOWED',
  405,
  'This address does not take this method.',
  'The path exists, but not with this method. The Allow header lists those it takes.',
  'Use one of the methods in Allow.',
) {}
export class RequestTimeoutError extends define(
  'REQUEST_TIMEOUT',
  408,
  'The request took too long to arrive.',
  'Headers or body were not complete in time.',
  'Send the request again over a better connection.',
) {}
export class PayloadTooLargeError extends define(
  'PAYLOAD_TOO_LARGE',
  413,
  'The body is larger than this operation takes.',
  'The body has more than 64 kB (65,536 bytes), under /auth more than 4 kB (4,096 bytes), or arrives in more than 1,000 pieces.',
  'Send less at once; without \\u escapes a text is shorter.',
) {}
export class UriTooLongError extends define(
  'URI_TOO_LONG',
  414,
  'The address is too long.',
  'The path or one part of it exceeds the limit.',
  'Shorten the address.',
) {}
export class UnsupportedMediaTypeError extends define(
  'UNSUPPORTED_MEDIA_TYPE',
  415,
  'Send the body as application/json.',
  'The Content-Type is missing or another than application/json in UTF-8, or there is a Content-Encoding.',
  'Send Content-Type: application/json.',
) {}
export class ExpectationFailedError extends define(
  'EXPECTATION_FAILED',
  417,
  'Only Expect: 100-continue is understood.',
  'The Expect header asks for something else.',
  'Leave the Expect header out.',
) {}
export class HeadersTooLargeError extends define(
  'HEADERS_TOO_LARGE',
  431,
  'The headers are larger than 16 KiB.',
  'The request line and all headers together exceed the limit.',
  'Send fewer or shorter headers.',
) {}
