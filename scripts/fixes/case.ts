/** What a case is: a project with a Dockerfile, what is changed in it to see the gain, and the image that its bases are. */

export interface Case {
  readonly name: string;
  /** `real`: npm, node and apt-get themselves, with a network; else the stand-in. */
  readonly base: 'stand-in' | 'real';
  readonly rule: string;
  /** With `base` where an image of that kind stands. */
  readonly dockerfile: string;
  /** Of the build context, by path. `Dockerfile`: it lies in the context itself. */
  readonly files: Readonly<Record<string, string | Buffer>>;
  /** A file of the context, or a build argument, that is changed to see what runs again. */
  readonly change: { readonly file: string } | { readonly arg: string };
  /** Where the whole context is copied to, for files that a fix takes out of the image. */
  readonly dest?: string;
  /** Of a repository: all its names of users and programs stand for themselves. */
  readonly fetched?: boolean;
}

/** A manifest of the kind that tools read, with one small package. */
export const npmProject: Readonly<Record<string, string>> = {
  'package.json': '{"name": "app", "version": "1.0.0", "dependencies": {"ms": "2.1.3"}}\n',
  'package-lock.json': '{"name": "app", "version": "1.0.0", "lockfileVersion": 3, "requires": true, "packages": {"": {"name": "app", "version": "1.0.0", "dependencies": {"ms": "2.1.3"}}, '
    + '"node_modules/ms": {"version": "2.1.3", "integrity": "sha512-6FlzubTLZG3J2a/NVCAleEhjzq5oxgHyaCU9yYXvcLsvoVaHJq/s5xXI6/XXP6tz7R9xAOtHnSO/tXtF3WRTlA==", "license": "MIT"}}}\n',
};

export const pipProject: Readonly<Record<string, string>> = { 'requirements.txt': 'flask==3.0.0\nclick>=8 # for the command line\n' };

/** Source that no other case has, so that no step of two cases is one. */
export function source(name: string): Readonly<Record<string, string>> {
  return { 'server.js': `// ${name}\n`, 'lib/a.js': `// a of ${name}\n`, 'app.py': `# ${name}\n` };
}
