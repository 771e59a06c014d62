import { createServer } from 'node:http';
import escape from 'escape-html';

createServer(({ url }, response) => {
  response.setHeader('Content-Type', 'text/html');
  response.end(`<!doctype html><title>Shop</title><h1>Nothing for sale at ${escape(url)}</h1>\n`);
}).listen(process.env.PORT);
