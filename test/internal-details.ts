// What an error response must not contain: SQL, names of tools, files, stack frames, secrets.

export const internalDetails = [
  /\bselect\b.*\bfrom\b|\binsert into\b|\bupdate\b.*\bset\b|\bdelete from\b|\$\d\b/i,
  /pg_|postgres|pglite|sqlstate|violates|relation|syntax error|duplicate key/i,
  /node_modules|\/src\/|\/srv\/|\/home\/|\.ts\b|\.js\b|file:\/\//,
  /\bat .+:\d+:\d+|\bError:|stack/,
  /FST_|HPE_|ECONN|ERR_/,
  /password_hash|secret|contains|127\.0\.0\.1|localhost/i,
]
