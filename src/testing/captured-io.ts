import type { CliIo, Interruption } from '../cli/cli-io.ts';

/** What a command printed, and the world it saw. */
export interface CapturedIo extends CliIo {
  readonly out: () => string;
  readonly err: () => string;
  readonly interruption: Interruption;
}

/** A process without terminal in a folder, for tests of commands. */
export function capturedIo(cwd: string, env: CliIo['env'] = {}, isTTY = false): CapturedIo {
  const texts = { out: '', err: '' };
  const sink = (name: 'out' | 'err') => ({ write: (text: string) => void (texts[name] += text), isTTY, columns: 80 });
  return {
    stdout: sink('out'),
    stderr: sink('err'),
    cwd,
    env,
    interruption: { signal: undefined },
    out: () => texts.out,
    err: () => texts.err,
  };
}
