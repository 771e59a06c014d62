/** Dockerfiles without their FROM that waste something, and by which rule it is found. `npm` and `apt-get` are the real ones. */
import { npmProject } from '../fixes/case';

export interface Case {
  readonly name: string;
  readonly base: 'stand-in' | 'real';
  readonly rule: string;
  /** How many fixes are offered at least. */
  readonly fixes: number;
  readonly lines: readonly string[];
  readonly files?: Readonly<Record<string, string | Buffer>>;
}

const big = Buffer.alloc(300_000, 'strata');
const tree = { 'app/server.js': big, 'app/lib/a.js': Buffer.alloc(90_000, 'a'), 'app/lib/b.js': 'b' };
/** Content that is never the same twice. */
const any = (path: string): string => `head -c 400000 /dev/urandom > ${path}`;

export const cases: readonly Case[] = [
  // Owners and modes of what was copied.
  { name: 'chown of a new folder', base: 'stand-in', rule: 'copied-again', fixes: 1, files: tree, lines: ['COPY app /app', 'RUN chown -R 5:6 /app'] },
  { name: 'chown of the working directory', base: 'stand-in', rule: 'copied-again', fixes: 1, files: tree, lines: ['WORKDIR /app', 'COPY app .', 'RUN chown -R 5:6 /app'] },
  { name: 'chown of the working directory, named by a dot', base: 'stand-in', rule: 'copied-again', fixes: 1, files: tree, lines: ['WORKDIR /app', 'COPY app .', 'RUN chown -R 5:6 .', 'USER 5'] },
  { name: 'chown of a user without a group', base: 'stand-in', rule: 'copied-again', fixes: 1, files: tree, lines: ['COPY app /app', 'RUN chown -R 5 /app'] },
  { name: 'chown by a name', base: 'stand-in', rule: 'copied-again', fixes: 1, files: tree, lines: ['RUN echo "app:x:77:78::/:/bin/sh" >> /etc/passwd && echo "app:x:78:" >> /etc/group', 'COPY app /app', 'RUN chown -R app:app /app'] },
  { name: 'chown by a variable', base: 'stand-in', rule: 'copied-again', fixes: 1, files: tree, lines: ['ENV WHO=9:9', 'COPY app /app', 'RUN chown -R $WHO /app'] },
  { name: 'chown of two copies', base: 'stand-in', rule: 'copied-again', fixes: 1, files: { ...tree, 'more/c.js': big }, lines: ['WORKDIR /app', 'COPY app .', 'COPY more /app/more', 'RUN chown -R 5:6 /app'] },
  { name: 'chown between metadata', base: 'stand-in', rule: 'copied-again', fixes: 1, files: tree, lines: ['COPY app /app', 'ENV A=1', 'CMD ["node"]', '', '# The application belongs to a user.', 'RUN chown -R 5:6 /app', '', 'USER 5:6'] },
  { name: 'chown that changes nothing', base: 'stand-in', rule: 'copied-again', fixes: 1, files: tree, lines: ['COPY app /app', 'RUN chown -R 0:0 /app'] },
  { name: 'chmod of one file', base: 'stand-in', rule: 'copied-again', fixes: 1, files: tree, lines: ['COPY app/server.js /bin/server', 'RUN chmod 755 /bin/server'] },
  { name: 'chmod +x of one file', base: 'stand-in', rule: 'copied-again', fixes: 1, files: tree, lines: ['COPY app/server.js /bin/server', 'RUN chmod +x /bin/server'] },
  { name: 'chmod of a tree', base: 'stand-in', rule: 'copied-again', fixes: 1, files: tree, lines: ['RUN mkdir -p /opt', 'COPY app /opt/app', 'RUN chmod -R 700 /opt/app'] },
  { name: 'chmod and chown', base: 'stand-in', rule: 'copied-again', fixes: 1, files: tree, lines: ['COPY app/server.js /bin/server', 'RUN chown 5:6 /bin/server && chmod 750 /bin/server'] },
  { name: 'chown of what a stage puts out', base: 'stand-in', rule: 'copied-again', fixes: 1, files: tree, lines: [`RUN mkdir /out && ${any('/out/a')}`, 'FROM BASE', 'COPY --from=0 /out /app', 'RUN chown -R 5:6 /app'] },
  // One step for both.
  { name: 'rm in the next step', base: 'stand-in', rule: 'deleted-later', fixes: 1, lines: [`RUN ${any('/a')} && ${any('/b')}`, 'RUN rm /a'] },
  { name: 'rm -rf of a folder', base: 'stand-in', rule: 'deleted-later', fixes: 1, lines: [`RUN mkdir -p /d/e && ${any('/d/e/f')}`, 'LABEL a=b', 'RUN rm -rf /d'] },
  { name: 'rm by a glob', base: 'stand-in', rule: 'deleted-later', fixes: 1, lines: [`RUN mkdir /d && \\\n    ${any('/d/a.tmp')} && \\\n    ${any('/d/b')}`, '# Nobody needs them.', 'RUN rm -f /d/*.tmp'] },
  { name: 'rm after cd', base: 'stand-in', rule: 'deleted-later', fixes: 1, lines: [`RUN mkdir /d \\\n && cd /d \\\n && ${any('a')}`, 'RUN rm /d/a'] },
  { name: 'used and deleted', base: 'stand-in', rule: 'deleted-later', fixes: 1, lines: [`RUN ${any('/a')}`, 'RUN sha256sum /a > /sum && rm /a'] },
  { name: 'moved', base: 'stand-in', rule: 'deleted-later', fixes: 1, lines: [`RUN ${any('/a')}`, 'RUN mv /a /b'] },
  { name: 'a loop, then rm', base: 'stand-in', rule: 'deleted-later', fixes: 1, lines: ['RUN for i in 1 2 3; do head -c 200000 /dev/urandom > /f$i; done', 'RUN rm /f1 /f2'] },
  { name: 'chmod of what was made', base: 'stand-in', rule: 'copied-again', fixes: 1, lines: [`RUN ${any('/bin/tool')}`, 'RUN chmod +x /bin/tool'] },
  { name: 'chown of what was made', base: 'stand-in', rule: 'copied-again', fixes: 1, lines: [`RUN mkdir /d && ${any('/d/a')} && ${any('/d/b')}`, 'EXPOSE 80', 'RUN chown -R 5:6 /d && chmod 700 /d'] },
  { name: 'touch', base: 'stand-in', rule: 'copied-again', fixes: 1, lines: [`RUN ${any('/a')}`, 'RUN touch -d 2020-01-01 /a'] },
  { name: 'written anew', base: 'stand-in', rule: 'overwritten', fixes: 1, lines: [`RUN ${any('/a')}`, 'RUN head -c 200000 /a > /b && mv /b /a'] },
  { name: 'appended', base: 'stand-in', rule: 'overwritten', fixes: 1, lines: [`RUN ${any('/a')}`, 'RUN echo more >> /a'] },
  { name: 'cut to nothing', base: 'stand-in', rule: 'deleted-later', fixes: 0, lines: [`RUN ${any('/a')}`, 'RUN : > /a'] },
  // Copied only to be read.
  { name: 'an archive', base: 'stand-in', rule: 'deleted-later', fixes: 1, files: tree, lines: ['COPY app/server.js /tmp/a.js', 'RUN mkdir /opt && cat /tmp/a.js > /opt/a.js && rm /tmp/a.js'] },
  { name: 'an archive, deleted in the middle', base: 'stand-in', rule: 'deleted-later', fixes: 1, files: tree, lines: ['WORKDIR /work', 'COPY app/server.js a.js', 'RUN cp a.js b.js && rm a.js && chmod 700 b.js'] },
  { name: 'a folder of sources', base: 'stand-in', rule: 'deleted-later', fixes: 1, files: tree, lines: ['COPY app /tmp/src', 'RUN cd /tmp/src \\\n    && touch made-here \\\n    && cp lib/a.js /bin/a \\\n    && cd / \\\n    && rm -rf /tmp/src'] },
  { name: 'sources to a folder that is new', base: 'stand-in', rule: 'deleted-later', fixes: 1, files: tree, lines: ['COPY app /src/', 'RUN cp /src/server.js /bin/s && rm -r /src'] },
  // Left over.
  { name: 'lists', base: 'stand-in', rule: 'left-over', fixes: 1, lines: [`RUN mkdir -p /var/lib/apt/lists && ${any('/var/lib/apt/lists/a')} && ${any('/b')}`] },
  { name: 'a cache of pip', base: 'stand-in', rule: 'left-over', fixes: 2, lines: [`RUN mkdir -p /root/.cache/pip/http && ${any('/root/.cache/pip/http/x')} && ${any('/b')}`] },
  { name: 'two caches', base: 'stand-in', rule: 'left-over', fixes: 2, lines: [`RUN mkdir -p /root/.cache/pip /root/.npm/_cacache && \\\n    ${any('/root/.cache/pip/x')} && \\\n    ${any('/root/.npm/_cacache/y')}`] },
  { name: 'a cache of another user', base: 'stand-in', rule: 'left-over', fixes: 1, lines: ['RUN mkdir -p /home/me && chown 7:7 /home/me', 'USER 7:7', `RUN mkdir -p /home/me/.cache/pip && ${any('/home/me/.cache/pip/x')}`] },
  { name: 'apk and yum', base: 'stand-in', rule: 'left-over', fixes: 1, lines: [`RUN mkdir -p /var/cache/apk /var/cache/dnf/x && ${any('/var/cache/apk/a')} && ${any('/var/cache/dnf/x/b')}`] },
  // The real ones.
  { name: 'apt-get: lists', base: 'real', rule: 'left-over', fixes: 1, lines: ['RUN apt-get update && apt-get install -y --no-install-recommends jq'] },
  { name: 'apt-get: lists, on lines of their own', base: 'real', rule: 'left-over', fixes: 1, lines: ['RUN apt-get update \\\n    && apt-get install -y --no-install-recommends \\\n        jq \\\n        tree'] },
  { name: 'apt-get: lists, operators at the ends', base: 'real', rule: 'left-over', fixes: 1, lines: ['RUN apt-get update && \\\n    apt-get install -y --no-install-recommends tree'] },
  { name: 'apt-get: lists deleted too late', base: 'real', rule: 'deleted-later', fixes: 1, lines: ['RUN apt-get update && apt-get install -y --no-install-recommends jq', 'RUN rm -rf /var/lib/apt/lists/*'] },
  { name: 'apt-get: cleaned too late', base: 'real', rule: 'deleted-later', fixes: 1, lines: ['RUN apt-get update && apt-get install -y --no-install-recommends tree', 'CMD ["tree"]', 'RUN apt-get clean && rm -rf /var/lib/apt/lists/* /var/log/dpkg.log'] },
  { name: 'apt-get: purged too late', base: 'real', rule: 'deleted-later', fixes: 1, lines: ['RUN apt-get update && apt-get install -y --no-install-recommends jq && rm -rf /var/lib/apt/lists/*', 'RUN apt-get purge -y --auto-remove jq'] },
  { name: 'apt-get: the database anew', base: 'real', rule: 'overwritten', fixes: 1, lines: ['RUN apt-get update && apt-get install -y --no-install-recommends jq', 'RUN apt-get install -y --no-install-recommends tree && rm -rf /var/lib/apt/lists/*'] },
  { name: 'npm ci: its cache', base: 'real', rule: 'left-over', fixes: 2, files: npmProject, lines: ['WORKDIR /app', 'COPY package.json package-lock.json ./', 'RUN npm ci'] },
  { name: 'npm install -g: its cache', base: 'real', rule: 'left-over', fixes: 2, lines: ['RUN npm install -g typescript@5.4.5'] },
  { name: 'npm: its cache deleted too late', base: 'real', rule: 'deleted-later', fixes: 1, lines: ['RUN npm install -g semver@7.6.0', 'RUN rm -rf /root/.npm'] },
  { name: 'npm: packages removed too late', base: 'real', rule: 'deleted-later', fixes: 1, files: npmProject, lines: ['WORKDIR /app', 'COPY package.json package-lock.json ./', 'RUN npm ci', 'RUN npm uninstall ms'] },
  { name: 'npm ci, then chown of all', base: 'real', rule: 'copied-again', fixes: 1, files: npmProject, lines: ['WORKDIR /app', 'COPY package.json package-lock.json ./', 'RUN npm ci && npm cache clean --force', 'RUN chown -R 1000:1000 /app'] },
];
