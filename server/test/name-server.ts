import { createSocket } from 'node:dgram';
import ipaddr from 'ipaddr.js';

const typeA = 1;
const typeAaaa = 28;

/** The addresses of a name at its `nth` question of that type, the first being 1; null for a name that is not there. */
export type Answers = (name: string, type: 'A' | 'AAAA', nth: number) => readonly string[] | null;

const readName = (message: Buffer): { name: string; end: number } => {
  const labels: string[] = [];
  let at = 12;
  for (let length = message.readUInt8(at); length !== 0; length = message.readUInt8(at)) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 };
};

/** A record that points to the name in the question and may not be kept: its time to live is 0. */
const record = (type: number, address: string): Buffer => {
  const data = Buffer.from(ipaddr.parse(address).toByteArray());
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(0, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
};

/** A name server on this machine (RFC 1035, over UDP) that may say something else each time it is asked. */
export const startNameServer = async (answers: Answers) => {
  const socket = createSocket('udp4');
  const asked = new Map<string, number>();
  socket.on('message', (message, { port, address }) => {
    const { name, end } = readName(message);
    const code = message.readUInt16BE(end);
    const type = code === typeAaaa ? 'AAAA' : 'A';
    const nth = (asked.get(`${type} ${name}`) ?? 0) + 1;
    asked.set(`${type} ${name}`, nth);
    const addresses = code === typeA || code === typeAaaa ? answers(name, type, nth) : [];
    const head = Buffer.from(message.subarray(0, 12));
    head.writeUInt16BE(addresses === null ? 0x8583 : 0x8580, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(addresses?.length ?? 0, 6);
    head.writeUInt32BE(0, 8);
    const records = (addresses ?? []).map((each) => record(code, each));
    socket.send(Buffer.concat([head, message.subarray(12, end + 4), ...records]), port, address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  return {
    address: `127.0.0.1:${port}`,
    /** How often a name was asked for, by its type. */
    asked: (type: 'A' | 'AAAA', name: string): number => asked.get(`${type} ${name}`) ?? 0,
    close: () => new Promise<void>((resolve) => void socket.close(() => resolve())),
  };
};
