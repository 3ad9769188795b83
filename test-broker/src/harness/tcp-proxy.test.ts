// The proxy in front of an echo: what it does to connections that are open, and to new ones.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePorts } from './ports.ts';
import { TcpProxy } from './tcp-proxy.ts';

/** Also when it was reset. */
const closed = (socket: Socket): Promise<void> => new Promise((resolve) => socket.once('close', () => resolve()));

describe('the proxy', () => {
  const echo = createServer((socket) => socket.on('error', () => undefined).pipe(socket));
  const sockets: Socket[] = [];
  let proxy: TcpProxy;

  beforeEach(async () => {
    await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
    const [port = 0] = await freePorts(1);
    proxy = new TcpProxy(port, (echo.address() as AddressInfo).port);
    await proxy.set('pass');
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await proxy[Symbol.asyncDispose]();
    await new Promise((resolve) => echo.close(resolve));
  });

  async function open(): Promise<Socket> {
    const socket = connect(Number(proxy.address.split(':')[1]), '127.0.0.1');
    socket.on('error', () => undefined);
    sockets.push(socket);
    await once(socket, 'connect');
    return socket;
  }

  async function said(socket: Socket, text: string): Promise<string> {
    socket.write(text);
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    return chunk.toString();
  }

  it('passes both directions on', async () => {
    expect(await said(await open(), 'hello')).toBe('hello');
    expect(proxy.connections).toBe(1);
  });

  it('cuts open connections and welcomes new ones', async () => {
    const socket = await open();
    await said(socket, 'a');
    const ended = closed(socket);
    expect(proxy.cut()).toBe(1);
    await ended;
    expect(await said(await open(), 'again')).toBe('again');
  });

  it('keeps what is said in silence, and gives it when it passes again', async () => {
    const before = await open();
    await said(before, 'a');
    await proxy.set('silent');
    const during = await open();
    const heard: string[] = [];
    for (const socket of [before, during]) socket.on('data', (chunk: Buffer) => heard.push(chunk.toString()));
    before.write('old');
    during.write('new');
    expect(await said(await direct(), 'past the proxy')).toBe('past the proxy');
    expect(heard).toEqual([]);
    const both = Promise.all([once(before, 'data'), once(during, 'data')]);
    await proxy.set('pass');
    await both;
    expect(heard.sort()).toEqual(['new', 'old']);
  });

  it('hides in silence that the other side has gone, until it passes again', async () => {
    const arrived = once(echo, 'connection');
    const socket = await open();
    const [far] = (await arrived) as [Socket];
    await said(socket, 'a');
    await proxy.set('silent');
    let hasEnded = false;
    const told = closed(socket).then(() => {
      hasEnded = true;
    });
    far.destroy();
    expect(await said(await direct(), 'b')).toBe('b');
    expect(hasEnded).toBe(false);
    await proxy.set('pass');
    await told;
  });

  async function direct(): Promise<Socket> {
    const socket = connect((echo.address() as AddressInfo).port, '127.0.0.1');
    sockets.push(socket);
    await once(socket, 'connect');
    return socket;
  }

  it('refuses: open connections end, new ones find nobody', async () => {
    const socket = await open();
    const ended = closed(socket);
    await proxy.set('refuse');
    await ended;
    await expect(open()).rejects.toThrow('ECONNREFUSED');
    await proxy.set('pass');
    expect(await said(await open(), 'back')).toBe('back');
  });

  it('accepts and hangs up', async () => {
    const socket = await open();
    const ended = closed(socket);
    await proxy.set('hangUp');
    await ended;
    const next = await open();
    await closed(next);
    expect(proxy.connections).toBe(0);
  });

  it('passes as soon as the port behind is there', async () => {
    const [port = 0, upstream = 0] = await freePorts(2);
    const late = new TcpProxy(port, upstream);
    const passing = late.passWhenUpstreamListens();
    const server = createServer((socket) => socket.on('error', () => undefined).end('here'));
    await new Promise<void>((resolve) => server.listen(upstream, '127.0.0.1', resolve));
    await passing;
    expect(late.mode).toBe('pass');
    await late[Symbol.asyncDispose]();
    await new Promise((resolve) => server.close(resolve));
  });
});
