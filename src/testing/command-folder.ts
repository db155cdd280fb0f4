import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runCli } from '../cli/run-cli.ts';
import { capturedIo } from './captured-io.ts';

/** What a command left: its exit code, and what it printed. */
export interface CommandOutcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A folder of its own with files in it, and `orrery` run there, for tests of commands. Whoever makes one removes it. */
export class CommandFolder {
  readonly root = mkdtempSync(join(tmpdir(), 'orrery-'));

  /** @param files contents by path, relative to the folder. */
  constructor(files: Readonly<Record<string, string>> = {}) {
    for (const [path, content] of Object.entries(files)) this.write(path, content);
  }

  /** Absolute path of something in the folder. */
  path(...parts: readonly string[]): string {
    return join(this.root, ...parts);
  }

  /** Writes a file, and the folders that it needs. */
  write(path: string, content: string | Uint8Array): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    writeFileSync(this.path(path), content);
  }

  /** Text of a file; throws where there is none. */
  read(path: string): string {
    return readFileSync(this.path(path), 'utf8');
  }

  /** Whether there is a file or folder. */
  has(path: string): boolean {
    return existsSync(this.path(path));
  }

  /** Runs one command, without terminal and environment. */
  async orrery(...argv: readonly string[]): Promise<CommandOutcome> {
    const io = capturedIo(this.root);
    const code = await runCli([...argv], io);
    return { code, out: io.out(), err: io.err() };
  }

  /** Removes the folder and all that is in it. */
  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
