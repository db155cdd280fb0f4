#!/usr/bin/env node
// The entry of the command: process, signals and broken pipes. Everything else is in run-cli.ts.
import type { CliIo, Interruption, StopSignal } from './cli-io.ts';
import { exitCodes } from './exit-codes.ts';
import { keepHeapSmall } from './heap-growth.ts';

const interruption: Interruption = { signal: undefined };

/** The first signal asks the run to stop at its next slice; a second one kills the process, as everybody expects. */
function stopOn(signal: StopSignal): void {
  process.once(signal, () => {
    interruption.signal = signal;
  });
}

/** A reader that has seen enough is no error; any other failure of the output is. */
function watchOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    process.stderr.write(`orrery: standard output: ${error.message}\n`);
    process.exitCode = exitCodes.io;
  });
  process.stderr.on('error', () => undefined);
}

const io: CliIo = {
  stdout: process.stdout,
  stderr: process.stderr,
  cwd: process.cwd(),
  env: process.env,
  interruption,
};

stopOn('SIGINT');
stopOn('SIGTERM');
watchOutput();
keepHeapSmall();
// Not before: to load the program is what the heap would grow for first.
const { runCli } = await import('./run-cli.ts');
const exitCode = await runCli(process.argv.slice(2), io);
// Set, not called: what stdout still holds must get out.
process.exitCode ??= exitCode;
