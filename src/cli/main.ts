#!/usr/bin/env node
/** Entry of the command line. */
import { exitCodeOf, tell } from './errors.js';
import { makeProgram } from './program.js';

function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableLength === 0) resolve();
    else stream.write('', () => resolve());
  });
}

// A reader that has enough (| head) closes the pipe; that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

// A parent that is gone hears nothing more.
process.stderr.on('error', () => undefined);

// grpc-js names IP addresses as servers of TLS, which Node deprecates: no reader of a log can do anything about it.
process.noDeprecation = true;

let code = 0;
try {
  await makeProgram(process.env).parseAsync();
} catch (error) {
  code = exitCodeOf(error);
  tell(error, (text) => process.stderr.write(text));
}
await Promise.all([drained(process.stdout), drained(process.stderr)]);
process.exit(typeof process.exitCode === 'number' && code === 0 ? process.exitCode : code);
