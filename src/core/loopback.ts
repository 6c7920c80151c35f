// Whether a host name or address is this machine.
import { BlockList, isIP } from 'node:net'

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8)
loopback.addAddress('::1', 'ipv6')

/** `host` is a name or an address without port; an IPv6 address may be in brackets. Names are not resolved. */
export function isLoopback(host: string): boolean {
  const address = host.replace(/^\[(.*)\]$/, '$1')
  const family = isIP(address)
  if (family === 0) return /^(?:.+\.)?localhost$/i.test(address)
  return loopback.check(address, family === 6 ? 'ipv6' : 'ipv4')
}
