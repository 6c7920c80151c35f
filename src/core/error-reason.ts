// The reason of an error as text, for logs and messages.

/** When several addresses of a host refuse the connection, the error has a code but no message. */
export function reasonOf(error: unknown): string {
  const { message, code } = error as Partial<NodeJS.ErrnoException>
  return message || code || 'unknown'
}
