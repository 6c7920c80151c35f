// JSON that the database has written, with the type of its value.

declare const value: unique symbol

/** JSON text of a `T`. As with the rows of a query, the statement is trusted to return it. */
export type JsonText<T> = string & { readonly [value]: T }
