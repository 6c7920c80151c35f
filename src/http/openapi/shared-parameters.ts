// Writes parameters that several operations share once, in `components.parameters`.
import { mapOperations, type Parameter, type Paths } from './paths.ts'

/** The paths with references to the parameters that at least two operations have in the same form. */
export function shareParameters(paths: Paths): { paths: Paths; components: Record<string, object> } {
  const all = Object.values(paths).flatMap((methods) =>
    Object.values(methods).flatMap(({ parameters = [] }) => parameters.map((one) => JSON.stringify(one))),
  )
  const components: Record<string, object> = {}
  const references = new Map<string, { $ref: string }>()
  for (const [text, same = []] of Object.entries(Object.groupBy(all, (one) => one))) {
    const parameter = JSON.parse(text) as Parameter
    const name = nameOf(parameter)
    if (same.length < 2 || name === undefined || components[name] !== undefined) continue
    components[name] = parameter
    references.set(text, { $ref: `#/components/parameters/${name}` })
  }
  const shared = mapOperations(paths, ({ parameters = [], ...operation }) => ({
    ...operation,
    ...(parameters.length > 0 && { parameters: parameters.map((one) => references.get(JSON.stringify(one)) ?? one) }),
  }))
  return { paths: shared, components }
}

/** { name: 'property_id', in: 'query' } -> PropertyIdQuery; undefined for a reference. */
function nameOf({ name, in: place }: Parameter): string | undefined {
  if (name === undefined || place === undefined) return undefined
  const words = [...name.split('_'), place]
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
}
