/** Whether an address is for programs of this machine alone. */
import { BlockList, isIP } from 'node:net';
import { InputError } from '../../posterior/model.js';
import { parseAddress } from '../../wire/address.js';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Of other names than localhost nothing is known until they are looked up: they count as reachable. */
function isLoopback(host: string): boolean {
  const family = isIP(host);
  if (family === 0) return host.toLowerCase() === 'localhost';
  return LOOPBACK.check(host, family === 6 ? 'ipv6' : 'ipv4');
}

/** @throws InputError when others could reach the address without proving who they are, and nobody said that they may */
export function checkExposure(address: string, isSecured: boolean, insecure: boolean): void {
  if (isSecured || insecure || isLoopback(parseAddress(address, 'listen address').host)) return;
  throw new InputError(
    `listen address ${address} can be reached from other machines: give --tls-cert, --tls-key and --tls-ca, or --insecure to serve anyone`,
  );
}
