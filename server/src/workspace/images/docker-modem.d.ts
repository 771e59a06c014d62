/** The part of docker-modem that its types leave out. */
declare module 'docker-modem/lib/http.js' {
  import type http from 'node:http';
  import type https from 'node:https';
  /** What it makes its requests with, by protocol. */
  const requests: { http: typeof http; https: typeof https };
  export default requests;
}
