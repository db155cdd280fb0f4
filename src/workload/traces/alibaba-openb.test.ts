import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { traceFolder } from '../../testing/trace-data.ts';
import { alibabaOpenb } from './alibaba-openb.ts';
import { csvRecords } from './csv-records.ts';

type Problem = readonly [line: number, message: string];

function read<T>(
  text: string,
  rows: (records: ReturnType<typeof csvRecords>, report: (l: number, m: string) => void) => Iterable<T>,
) {
  const problems: Problem[] = [];
  const report = (line: number, message: string): void => void problems.push([line, message]);
  return { rows: [...rows(csvRecords([text]), report)], problems };
}
const pods = (text: string) => read(text, (records, report) => alibabaOpenb.pods(records, report));
const nodes = (text: string) => read(text, (records, report) => alibabaOpenb.nodes!(records, report));

const podHeader =
  'name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time';

describe('a pod of the openb trace', () => {
  test('asks for cpu, memory and thousandths of GPUs of some models', () => {
    const { rows, problems } = pods(
      `${podHeader}\np-1,6000,12288,1,460,V100M16|V100M32,LS,Running,427061,12902960,427071\n`,
    );
    expect(problems).toEqual([]);
    expect(rows).toEqual([
      {
        name: 'p-1',
        arrivalUs: 427_061_000_000,
        runTimeUs: 12_475_889_000_000,
        requests: new Map([
          ['cpu', 6000],
          ['memory', 12_884_901_888],
        ]),
        devices: { count: 1, milli: 460, models: ['V100M16', 'V100M32'] },
        labels: {},
        count: 1,
      },
    ]);
  });

  test('without num_gpu asks for none, and without memory for none of that', () => {
    const { rows } = pods('name,cpu_milli,memory_mib,num_gpu,gpu_milli\np,1000,0,0,300\n');
    expect(rows[0]).toMatchObject({ devices: undefined, arrivalUs: undefined, runTimeUs: undefined });
    expect([...rows[0]!.requests.keys()]).toEqual(['cpu']);
  });

  test('that never was scheduled has no run time', () => {
    const { rows } = pods(`${podHeader}\np-1,6000,0,1,1000,,BE,Pending,5,9,\n`);
    expect(rows[0]!.runTimeUs).toBeUndefined();
  });

  test.each([
    ['p,1000,0,1', '4 cells, and the first line has 5 columns'],
    ['p,-5,0,1,1000', 'cpu_milli "-5" is negative; write a whole number from 0'],
    ['p,1000,much,1,1000', 'memory_mib "much" is not a whole number from 0'],
    ['p,1000,0,1,0.5', 'gpu_milli "0.5" is not a whole number from 0'],
    ['p,1000,0,1,1001', 'gpu_milli "1001" is more than 1000, a whole device'],
    ['p,1000,0,2,0', 'gpu_milli "0" is no share of a device; write 1 to 1000'],
    ['P_1,1000,0,1,1000', '"P_1" cannot be the name of an object; write small letters, digits, - and .'],
  ])('%s is reported with its line', (line, message) => {
    const { rows, problems } = pods(`name,cpu_milli,memory_mib,num_gpu,gpu_milli\nok,1,1,0,0\n${line}\nfine,1,1,0,0\n`);
    expect(problems).toEqual([[3, message]]);
    expect(rows.map(({ name }) => name)).toEqual(['ok', 'fine']);
  });

  test('says where in its line the share of a GPU stands that there cannot be', () => {
    const places: unknown[] = [];
    const text = 'name,cpu_milli,memory_mib,num_gpu,gpu_milli\np,1000,0,1,1500\n';
    const report = (...place: readonly unknown[]): void => void places.push(place);
    expect([...alibabaOpenb.pods(csvRecords([text]), report)]).toEqual([]);
    expect(places).toEqual([[2, 'gpu_milli "1500" is more than 1000, a whole device', 12]]);
  });

  test('without num_gpu may have any gpu_milli: nobody looks at it', () => {
    expect(pods('name,cpu_milli,memory_mib,num_gpu,gpu_milli\np,1000,0,0,1500\n').problems).toEqual([]);
  });

  test.each([
    ['soon,9,8', 'creation_time "soon" is not a number of seconds from 0'],
    ['5,-1,8', 'deletion_time "-1" is not a number of seconds from 0'],
    ['5,7,8', 'deletion_time is before scheduled_time'],
  ])('with the times %s is reported', (times, message) => {
    expect(pods(`${podHeader}\np-1,6000,0,1,1000,,BE,Running,${times}\n`).problems).toEqual([[2, message]]);
  });

  test('with several mistakes is one bad row', () => {
    expect(pods('name,cpu_milli,memory_mib,num_gpu,gpu_milli\nP,-1,x,2,0\n').problems).toHaveLength(1);
  });

  test('needs the columns of its format', () => {
    expect(pods('name,cpu\np,1\n').problems).toEqual([
      [1, 'the first line names no column cpu_milli, memory_mib, num_gpu, gpu_milli; it has "name", "cpu"'],
    ]);
    expect(pods('name;cpu_milli;memory_mib\np;1;1\n').problems).toEqual([
      [1, 'the cells of the first line are not separated by commas'],
    ]);
    expect(pods('n\0a\0m\0e\0\n').problems).toEqual([[1, 'this is no text in UTF-8']]);
    expect(pods('"name,cpu_milli\np,1\n').problems).toEqual([[1, expect.stringContaining('a quote is opened here')]]);
    expect(pods('').problems).toEqual([[1, 'the file is empty']]);
    expect(pods('name,cpu_milli,memory_mib,num_gpu,gpu_milli, cpu_milli\np,1,1,0,0,2\n').problems).toEqual([
      [1, 'the first line names the column cpu_milli twice'],
    ]);
  });
});

test('a node of the openb trace has GPUs of one model and room for 1001 pods', () => {
  const { rows } = nodes('sn,cpu_milli,memory_mib,gpu,model\nn-0,64000,262144,2,P100\nn-1,32000,1,0,\n');
  expect(rows[0]).toMatchObject({ name: 'n-0', devices: { count: 2, model: 'P100' } });
  expect([...rows[0]!.allocatable]).toEqual([
    ['cpu', 64_000],
    ['memory', 274_877_906_944],
    ['pods', 1001],
  ]);
  expect(rows[1]!.devices).toBeUndefined();
});

const published = traceFolder('openb');
const lists = published === undefined ? [] : readdirSync(published).filter((name) => name.startsWith('openb_'));

test.skipIf(lists.length === 0)('no row of the lists as published is refused', () => {
  for (const name of lists) {
    const bytes = readFileSync(join(published!, name));
    const text = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
    const { rows, problems } = name.includes('_node_list_') ? nodes(text) : pods(text);
    expect([name, problems]).toEqual([name, []]);
    expect(rows).toHaveLength(text.trim().split('\n').length - 1);
  }
});
