/** The command was asked for something that is not there: its message, no stack, exit code 2. */
export class CommandError extends Error {}
