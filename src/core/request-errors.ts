// Errors of requests that are malformed, too large, or have no route, and of files and saved views.
import { defineError } from './app-error.ts'

export class BadRequestError extends defineError(
  'BAD_REQUEST',
  400,
  'The request is malformed.',
  'The request line, the URL, a header or the framing of the request is malformed.',
  'Correct the request. HTTP libraries normally do not send such requests.',
) {}
export class MalformedJsonError extends defineError(
  'MALFORMED_JSON',
  400,
  'The body is not valid JSON.',
  'The body cannot be parsed as JSON, is empty, is not UTF-8, or names __proto__ or constructor.prototype.',
  'Send one JSON object encoded as UTF-8.',
) {}
export class RouteNotFoundError extends defineError(
  'ROUTE_NOT_FOUND',
  404,
  'No such route.',
  'No operation has this path.',
  'See /docs for all operations.',
) {}
export class MethodNotAllowedError extends defineError(
  'METHOD_NOT_ALLOWED',
  405,
  'The method is not allowed for this path.',
  'The path exists, but not with this method. The Allow header lists the allowed methods.',
  'Use one of the methods in Allow.',
) {}
export class RequestTimeoutError extends defineError(
  'REQUEST_TIMEOUT',
  408,
  'The request was not received in time.',
  'The headers or the body were not complete within the time limit.',
  'Send the request again over a better connection.',
) {}
export class PayloadTooLargeError extends defineError(
  'PAYLOAD_TOO_LARGE',
  413,
  'The body is too large.',
  'The body has more than 64 kB (65,536 bytes), under /auth more than 4 kB (4,096 bytes), or arrives in more than 1,000 chunks; a file has more than 8 MB (8,388,608 bytes), also when it is unpacked.',
  'Send a smaller body. Text is shorter without \\u escapes.',
) {}
export class UriTooLongError extends defineError(
  'URI_TOO_LONG',
  414,
  'The URL is too long.',
  'The URL or one segment of its path exceeds the limit.',
  'Shorten the URL.',
) {}
export class UnsupportedMediaTypeError extends defineError(
  'UNSUPPORTED_MEDIA_TYPE',
  415,
  'Send the body as application/json.',
  'The Content-Type is missing or is not application/json in UTF-8, or the request has a Content-Encoding.',
  'Send Content-Type: application/json.',
) {}
export class ExpectationFailedError extends defineError(
  'EXPECTATION_FAILED',
  417,
  'Only Expect: 100-continue is supported.',
  'The Expect header has another value.',
  'Remove the Expect header.',
) {}
export class HeadersTooLargeError extends defineError(
  'HEADERS_TOO_LARGE',
  431,
  'The headers are larger than 16 KiB.',
  'The request line and all headers together exceed the limit.',
  'Send fewer or shorter headers.',
) {}
export class ImportRefusedError extends defineError(
  'IMPORT_REFUSED',
  422,
  'The file cannot be imported.',
  'The file has an unknown format, is damaged or needs a further option. `meta.reason` names the cause where an option or another file helps. Nothing was imported.',
  'Correct the file or the option that the message names, then send the file again.',
) {}
export class ExportInProgressError extends defineError(
  'EXPORT_IN_PROGRESS',
  429,
  'Another export of yours is still running.',
  'A user can have one export at a time in an agency: of the audit log, or of a guest. An export ends when the client has read it completely or disconnects, and after ten minutes at the latest.',
  'Read the other export completely or close its connection, then send the request again after Retry-After.',
) {}
export class ImportInProgressError extends defineError(
  'IMPORT_IN_PROGRESS',
  429,
  'Another import is still running.',
  'An agency can have one import or preview at a time, and a process two. It ends with its answer, when the client disconnects, and after ten minutes at the latest.',
  'Wait until the other import has ended, then send the file again after Retry-After.',
) {}
export class ViewNotFoundError extends defineError(
  'VIEW_NOT_FOUND',
  404,
  'No such saved view.',
  'You have no saved view with this id in this agency.',
  'Check the id with GET /api/v1/me/views.',
) {}
