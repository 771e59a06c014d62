/** The platform that a build has by default on this machine: Docker's engine runs Linux, on the machine's processor. */

/** `architecture`: Node's name. In OCI's words where they differ. */
export function machinePlatform(architecture: string): string {
  const names: Record<string, string | undefined> = { x64: 'amd64', ia32: '386', arm: 'arm/v7' };
  return `linux/${names[architecture] ?? architecture}`;
}
