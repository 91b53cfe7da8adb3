import { isIPv6, type Socket } from 'node:net';

/** Who a connection is from, as far as one can be told from another: a network of IPv6 is one (RFC 6177). */
export function addressOf(socket: Pick<Socket, 'remoteAddress'>): string {
  const address = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  if (address === '::1' || address.startsWith('127.')) return 'this machine';
  return isIPv6(address) ? networkOf(address) : address;
}

/** The first 64 bits. */
function networkOf(address: string): string {
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? [];
  const groups = (text: string | undefined) => (text ? text.split(':') : []);
  const [front, back] = [groups(head), groups(tail)];
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - front.length - back.length);
  const all = [...front, ...Array.from({ length: zeros }, () => '0'), ...back];
  return `${all.slice(0, 4).join(':')}::/64`;
}
