import { describe, expect, it } from 'vitest';
import { parseUrl } from './kafka-url.ts';

describe('parseUrl (HOP-070)', () => {
  it.each([
    ['kafka://h/t', { username: undefined, host: 'h', port: 9092, hasPort: false, topics: ['t'] }],
    [' KAFKA://H:1/t ', { host: 'H', port: 1, hasPort: true, topics: ['t'] }],
    ['kafka://u@h/t', { username: 'u', host: 'h' }],
    ['kafka://u:p@h/t', { username: 'u:p', warnings: [expect.stringContaining('colon')] }],
    ['kafka://a%40b@h/t', { username: 'a@b', host: 'h' }],
    ['kafka://a@b@h/t', { username: 'a', host: 'b@h' }],
    ['kafka://@h/t', { profile: 'h', host: '', username: undefined }],
    ['kafka://[::1]:9092/t', { host: '::1', port: 9092, hasPort: true }],
    ['kafka://h', { topics: [] }],
    ['kafka://h/', { topics: [] }],
    ['kafka://h//t', { topics: ['t'], group: undefined }],
    ['kafka://h/a,b', { topics: ['a', 'b'] }],
    ['kafka://h/a, b', { topics: ['a', ' b'] }],
    ['kafka://h/t,t', { topics: ['t'] }],
    ['kafka://h/g/t,u', { group: 'g', topics: ['t', 'u'] }],
    ['kafka://h/a/b/c', { group: undefined, topics: ['a/b/c'] }],
    ['kafka://h/t?x=1#y', { topics: ['t'] }],
    ['kafka://h/a%20b', { topics: ['a%20b'] }],
  ])('%s is understood', (url, parts) => {
    expect(parseUrl(url)).toMatchObject(parts);
  });

  it.each([
    ['', 'kafka://'],
    ['http://h/t', 'kafka://'],
    ['h/t', 'kafka://'],
    ['kafka://h1,h2/t', 'multiple broker addresses'],
    ['kafka://h:/t', 'parse'],
    ['kafka://h:abc/t', 'parse'],
    ['kafka://h:0/t', 'parse'],
    ['kafka://h:65536/t', 'parse'],
    ['kafka:///t', 'parse'],
    ['kafka://:9092/t', 'parse'],
    ['kafka://[::1/t', 'parse'],
    ['kafka://::1]/t', 'parse'],
    ['kafka://h/a,', 'parse'],
    ['kafka://h/a,,b', 'parse'],
    ['kafka://h/t/', 'parse'],
  ])('%s is refused, naming %s', (url, reason) => {
    expect(() => parseUrl(url)).toThrow(
      expect.objectContaining({ code: 'URL', message: expect.stringContaining(reason) }),
    );
  });
});
