/** Dockerfiles without their FROM: what copies on write, deletes, writes twice and leaves behind. SIZE is a number of bytes. */

export interface Case {
  readonly name: string;
  readonly lines: readonly string[];
}

/** Content that is never the same twice, and content that is always the same. */
const any = 'head -c SIZE /dev/urandom >';
const same = 'yes same | head -c SIZE >';

export const cases: readonly Case[] = [
  { name: 'nothing', lines: [`RUN ${any} /f`, 'ENV A=1', 'WORKDIR /w', `RUN ${any} /g`] },
  { name: 'chmod', lines: [`RUN ${any} /f`, 'RUN chmod 700 /f', 'RUN chmod 711 /f'] },
  { name: 'chmod that changes nothing', lines: [`RUN ${any} /f && chmod 644 /f`, 'RUN chmod 644 /f'] },
  { name: 'chown', lines: [`RUN ${any} /f`, 'RUN chown 5:6 /f'] },
  { name: 'chown of a tree', lines: [`RUN mkdir -p /d/e && for i in 1 2 3 4 5 6 7 8; do ${any} /d/$i; ${any} /d/e/$i; done`, 'RUN chown -R 5 /d'] },
  { name: 'touch', lines: [`RUN ${any} /f`, 'RUN touch /f'] },
  { name: 'append', lines: [`RUN ${any} /f`, 'RUN echo more >> /f'] },
  { name: 'overwrite', lines: [`RUN ${any} /f`, `RUN ${any} /f`] },
  { name: 'sed -i', lines: [`RUN ${same} /f`, 'RUN sed -i s/same/SAME/ /f'] },
  { name: 'cut to nothing', lines: [`RUN ${any} /f`, 'RUN : > /f'] },
  { name: 'mv of a file', lines: [`RUN ${any} /f`, 'RUN mv /f /g'] },
  { name: 'mv of a folder', lines: [`RUN mkdir -p /d/e && ${any} /d/f && ${any} /d/e/g`, 'RUN mv /d /moved'] },
  { name: 'mv there and back', lines: [`RUN ${any} /f`, 'RUN mv /f /g', 'RUN mv /g /f'] },
  { name: 'rm', lines: [`RUN ${any} /f && ${any} /g`, 'RUN rm /f'] },
  { name: 'rm -r', lines: [`RUN mkdir -p /d/e && ${any} /d/f && ${any} /d/e/g`, `RUN ${any} /d/e/h`, 'RUN rm -r /d'] },
  { name: 'rm by and by', lines: [`RUN mkdir -p /d/e && ${any} /d/f && ${any} /d/e/g && ${any} /d/e/h`, 'RUN rm /d/e/g', 'RUN rm -r /d/e', 'RUN rm -r /d'] },
  { name: 'rm and again, one layer', lines: [`RUN mkdir /d && ${any} /d/f && ${same} /d/g && ${any} /d/h`, `RUN rm -r /d && mkdir /d && ${any} /d/f && ${same} /d/g`] },
  { name: 'rm and again, two layers', lines: [`RUN mkdir /d && ${same} /d/f`, 'RUN rm -r /d', `RUN mkdir /d && ${same} /d/f`] },
  { name: 'made and deleted in one layer', lines: [`RUN ${any} /f && rm /f`, `RUN ${any} /g`] },
  { name: 'folder to file', lines: [`RUN mkdir -p /d/e && ${any} /d/f && ${any} /d/e/g`, `RUN rm -r /d && ${any} /d`] },
  { name: 'file to folder', lines: [`RUN ${any} /d`, `RUN rm /d && mkdir /d && ${any} /d/f`] },
  { name: 'file to symlink and fifo', lines: [`RUN ${any} /f && ${any} /g`, 'RUN ln -sf /etc/passwd /f && rm /g && mkfifo /g'] },
  { name: 'folder to symlink', lines: [`RUN mkdir /d /e && ${any} /d/f`, `RUN rm -r /d && ln -s e /d && ${any} /d/g`] },
  { name: 'hard links, one deleted', lines: [`RUN ${any} /f && ln /f /g`, 'RUN rm /f'] },
  { name: 'hard links, all deleted', lines: [`RUN mkdir /d && ${any} /d/f && ln /d/f /g`, 'RUN rm -r /d', 'RUN rm /g'] },
  { name: 'hard link later', lines: [`RUN ${any} /f`, 'RUN ln /f /g'] },
  { name: 'hard links, chmod of one', lines: [`RUN ${any} /f && ln /f /g`, 'RUN chmod 700 /f'] },
  { name: 'hard links, chmod of both', lines: [`RUN ${any} /f && ln /f /g`, 'RUN chmod 700 /f && chmod 700 /g'] },
  { name: 'COPY twice', lines: ['COPY SIZE.a /f', 'COPY SIZE.a /g'] },
  { name: 'COPY of equal files', lines: ['COPY SIZE.a SIZE.a2 /d/', 'COPY tree /tree', 'COPY tree /again'] },
  { name: 'COPY over', lines: ['COPY tree /tree', 'COPY SIZE.b /tree/SIZE.a', 'COPY --chown=5:6 tree /tree'] },
  { name: 'COPY --link', lines: ['COPY --link tree /tree', 'COPY --link SIZE.a /tree/more', 'RUN rm /tree/more'] },
  { name: 'COPY, then chmod and chown', lines: ['COPY tree /tree', 'RUN chmod -R go-rwx /tree', 'RUN chown -R 5 /tree'] },
  { name: 'lists left', lines: [`RUN mkdir -p /var/lib/apt/lists && ${any} /var/lib/apt/lists/a && ${any} /var/lib/apt/lists/b`, `RUN ${any} /f`] },
  { name: 'lists deleted too late', lines: [`RUN mkdir -p /var/lib/apt/lists && ${any} /var/lib/apt/lists/a && ${any} /f`, 'RUN rm -rf /var/lib/apt/lists/*'] },
  { name: 'caches left', lines: [`RUN mkdir -p /root/.npm/_cacache/content-v2 /var/cache/apk && ${any} /root/.npm/_cacache/content-v2/x && ${same} /var/cache/apk/x`, `RUN ${same} /var/cache/apk/y && ${any} /root/.npm/log`] },
  { name: 'files of the base', lines: ['RUN chmod 700 /.strata/sh', 'RUN cp -p /.strata/sh /sh', 'RUN rm /etc/passwd'] },
  { name: 'odd names', lines: [`RUN mkdir -p "/a b/ü/$(printf %0200d 1)" && ${any} "/a b/ü/$(printf %0200d 1)/$(printf %0150d 2)" && ${any} "/a b/ü/-> x"`, 'RUN chmod 700 /a*/*/*/*', 'RUN rm -r "/a b/ü"'] },
];
