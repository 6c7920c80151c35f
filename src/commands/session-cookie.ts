// Whether the configuration lets browsers sign in over plain http.
import type { Config } from '../config.ts'
import { isLoopback } from '../core/loopback.ts'

type Settings = Pick<Config, 'host' | 'jwt_jwks_url' | 'jwt_secret' | 'public_url' | 'trust_proxy'>

/**
 * What is wrong with the cookie of browser sessions; undefined when it is always Secure. With TRUST_PROXY the proxy names the
 * scheme of each request. Without a secret there is no sign-in.
 */
export function findCookieProblem({
  host,
  jwt_jwks_url,
  jwt_secret,
  public_url,
  trust_proxy,
}: Settings): string | undefined {
  if (jwt_secret === undefined && jwt_jwks_url !== undefined) return undefined
  const advice = 'end TLS in front of the service and set PUBLIC_URL to its https address'
  const consequence = `others in the network can read the session cookie of browsers: ${advice}`
  if (public_url !== undefined) {
    const { hostname, protocol } = new URL(public_url)
    return protocol === 'https:' || isLoopback(hostname) ? undefined : `PUBLIC_URL is plain http, so ${consequence}`
  }
  if (isLoopback(host) || trust_proxy !== false) return undefined
  return `HOST lets other machines reach this service over plain http, where ${consequence}`
}
