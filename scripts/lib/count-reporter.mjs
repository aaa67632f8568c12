// A reporter for node:test that writes one line a finished test: pass, fail or skip. Suites (describe) don't count, nor
// do tests that a name pattern leaves out (Node 20 reports them as skipped).
export default async function* countReporter(events) {
  for await (const { type, data } of events) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    if (data.details?.type === 'suite') continue;
    if (data.skip === 'test name does not match pattern') continue;
    const left = data.skip !== undefined || data.todo !== undefined;
    yield `${left ? 'skip' : type === 'test:pass' ? 'pass' : 'fail'}\n`;
  }
}
