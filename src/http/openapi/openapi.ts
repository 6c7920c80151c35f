// Generates the OpenAPI 3.1 document from the routes.
import swagger from '@fastify/swagger'
import type { FastifySchema, RouteOptions } from 'fastify'
import type { Api } from '../api.ts'
import { exampleOf } from './examples.ts'
import { createNamedSchemas, mapSubschemas, type Schema } from './named-schemas.ts'
import { completeOperation, usualCodesOf } from './operation.ts'
import { type Media, mapOperations, type Operation, type Parameter, type Paths, type Response } from './paths.ts'
import { errorBody, requestHeaders, responseHeaders, securitySchemes, sharedResponses } from './shared-components.ts'
import { shareParameters } from './shared-parameters.ts'
import { tags } from './tags.ts'

const description =
  'Property management for holiday-rental agencies. Every error has the schema Error; docs/errors.md explains each code, and ' +
  'docs/clients.md what applies to all operations. Ignore unknown members of responses.'

/** Registers the generator. Call it before any route is registered. */
export async function installOpenapi(app: Api, version: string): Promise<void> {
  const routes = new Map<string, RouteOptions>()
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Roost', version, description, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
      servers: [{ url: '/' }],
      tags: [...tags],
    },
    hideUntagged: true,
    transform: ({ schema, url }) => ({ schema: forGenerator(schema), url }),
    transformObject: (generated) =>
      'openapiObject' in generated ? completeDocument(generated.openapiObject as Generated, routes) : {},
  })
  app.addHook('onRoute', (route) => {
    if (route.schema?.tags === undefined || route.method === 'HEAD') return
    const path = route.url.replaceAll(/:(\w+)/g, '{$1}')
    routes.set(`${String(route.method).toLowerCase()} ${path}`, route)
  })
}

interface Generated {
  readonly paths: Paths
  readonly [member: string]: unknown
}

function completeDocument({ paths, ...rest }: Generated, routes: ReadonlyMap<string, RouteOptions>): object {
  const named = createNamedSchemas()
  const usual = usualCodesOf([...routes.values()])
  const completed = mapOperations(paths, (operation, key) => {
    const route = routes.get(key)
    return route === undefined
      ? operation
      : withNamedSchemas(completeOperation(operation, route, usual), named.replaceNamed)
  })
  const errors = sharedResponses(named.replaceNamed(errorBody), usual)
  const parameters = shareParameters(completed)
  const schemas = new Map(named.all())
  return {
    ...rest,
    paths: parameters.paths,
    components: {
      schemas: withExamples(schemas),
      parameters: { ...requestHeaders, ...parameters.components },
      headers: responseHeaders,
      responses: errors,
      securitySchemes,
    },
  }
}

function withNamedSchemas(operation: Operation, replaceNamed: (schema: Schema) => Schema): Operation {
  const { parameters, requestBody, responses } = operation
  const mapContent = (content: Readonly<Record<string, Media>>, map: (media: Media) => Media) =>
    Object.fromEntries(Object.entries(content).map(([type, media]) => [type, map(media)]))
  // The generator has moved the example of a body or a response from its schema to its media type.
  const withName = ({ schema, example }: Media) =>
    replaceNamed(example === undefined ? schema : { ...schema, examples: [example] })
  const nameBody = (media: Media): Media => ({ ...media, schema: withName(media) })
  const nameResponse = ({ example, ...media }: Media): Media => {
    return { ...media, schema: withName({ schema: asOpen(media.schema), example }) }
  }
  const mapResponse = (response: Response | { $ref: string }) =>
    'content' in response && response.content !== undefined
      ? { ...response, content: mapContent(response.content, nameResponse) }
      : response
  const withNamed = (parameter: Parameter) =>
    parameter.schema === undefined ? parameter : { ...parameter, schema: replaceNamed(parameter.schema) }
  return {
    ...operation,
    ...(parameters && { parameters: parameters.map((one) => withNamed(one)) }),
    ...(requestBody && { requestBody: { ...requestBody, content: mapContent(requestBody.content, nameBody) } }),
    responses: Object.fromEntries(Object.entries(responses).map(([status, one]) => [status, mapResponse(one)])),
  }
}

/** A client ignores unknown members of a response, because new ones can be added. */
function asOpen(schema: Schema): Schema {
  const { additionalProperties, ...rest } = mapSubschemas(schema, asOpen)
  return additionalProperties === false || additionalProperties === undefined ? rest : { ...rest, additionalProperties }
}

/** Adds an example to each object that has none. */
function withExamples(schemas: ReadonlyMap<string, Schema>): Record<string, Schema> {
  const find = (reference: string) => schemas.get(reference.replace('#/components/schemas/', '')) ?? {}
  return Object.fromEntries(
    [...schemas].map(([name, schema]) => {
      const needs_none = schema.type !== 'object' || schema.examples !== undefined || repeatsOthers(schema)
      return [name, needs_none ? schema : { ...schema, examples: [exampleOf(schema, find)] }]
    }),
  )
}

/** The example of a list would repeat that of its items, and that of a group of records theirs. */
function repeatsOthers({ properties = {} }: Schema): boolean {
  return 'items' in properties || Object.values(properties).every((one) => '$ref' in one)
}

interface Parameters {
  readonly properties?: Readonly<Record<string, { readonly default?: unknown }>>
  readonly required?: readonly string[]
}

/** Parameters with a default are not required. Routes that are not in the document may have no schema. */
function forGenerator(schema: FastifySchema | undefined): FastifySchema {
  const query = schema?.querystring as Parameters | undefined
  if (query?.required === undefined) return schema ?? {}
  const required = query.required.filter((name) => query.properties?.[name]?.default === undefined)
  return { ...schema, querystring: { ...query, required } }
}
