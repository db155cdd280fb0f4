import { expect, test } from 'vitest';
import { ipProblem } from './ip.ts';

test.each([
  ...['10.9.8.7', '0.0.0.0', '255.255.255.255', '::', '::1', '2001:db8::ffff', '1:2:3:4:5:6:7:8', '1::', 'FE80::0abc'],
  ...['64:ff9b::1.2.3.4', '1:2:3:4:5:6:1.2.3.4', '::fffe:1.2.3.4', '::1.2.3.4'],
])('%s is an address', (text) => {
  expect(ipProblem(text)).toBeUndefined();
});

test.each([
  ...['', '1.2.3', '1.2.3.4.5', '1.2.3.256', '1..2.3', '1.2.3.a', ' 1.2.3.4', '1.2.3.4/8', 'localhost', '-1.2.3.4'],
  ...[':', ':1', '1:', '1:2', '1::2::3', ':::', '1:2:3:4:5:6:7:8:9', '1:2:3:4::5:6:7:8', '12345::', 'g::', '1::%eth0'],
  ...['1.2.3.4::', '1:1.2.3.4::1', '1:2:3:4:5:6:7:1.2.3.4', '::1.2.3'],
])('%j is none', (text) => {
  expect(ipProblem(text)).toBe('must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)');
});

test.each(['1.2.3.04', '00.0.0.0', '::1.2.3.04', '::00001'])('%s could be read in two ways', (text) => {
  expect(ipProblem(text)).toBe('must not have leading 0s');
});

test.each(['::ffff:1.2.3.4', '::FFFF:102:304', '0:0:0:0:0:ffff:1:2'])('%s is an IPv4 address in disguise', (text) => {
  expect(ipProblem(text)).toBe('must not be an IPv4-mapped IPv6 address');
});
