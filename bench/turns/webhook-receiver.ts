/**
 * The far side of webhooks: takes each with 204, and tells a GET how many came. A program of its own, so that it can be
 * pinned beside the load.
 */
import { createServer } from 'node:http';

let taken = 0;

createServer((request, response) => {
  if (request.method === 'GET') {
    response.end(String(taken));
    return;
  }
  taken += 1;
  request.resume();
  request.on('end', () => response.writeHead(204).end());
}).listen(Number(process.env['PORT']), '127.0.0.1');
