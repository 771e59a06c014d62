// One run of a suite inside an editor, in a process of its own: runTests writes what the editor says to our output.
import { runTests } from '@vscode/test-electron';

const { executable, extension, tests, launchArgs, env } = JSON.parse(process.argv[2]);
process.on('SIGTERM', () => process.exit(130));
try {
  await runTests({
    vscodeExecutablePath: executable,
    extensionDevelopmentPath: extension,
    extensionTestsPath: tests,
    launchArgs,
    extensionTestsEnv: env,
  });
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
