import { describe, expect, test } from 'vitest';
import { alibabaOpenb } from './alibaba-openb.ts';
import { csvRecords } from './csv-records.ts';

type Problem = readonly [line: number, message: string];

function read<T>(
  text: string,
  rows: (records: ReturnType<typeof csvRecords>, report: (l: number, m: string) => void) => Iterable<T>,
) {
  const problems: Problem[] = [];
  const report = (line: number, message: string): void => void problems.push([line, message]);
  return { rows: [...rows(csvRecords([text], report), report)], problems };
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
    ['P_1,1000,0,1,1000', '"P_1" cannot be the name of an object; write small letters, digits, - and .'],
  ])('%s is reported with its line', (line, message) => {
    const { rows, problems } = pods(`name,cpu_milli,memory_mib,num_gpu,gpu_milli\nok,1,1,0,0\n${line}\nfine,1,1,0,0\n`);
    expect(problems).toEqual([[3, message]]);
    expect(rows.map(({ name }) => name)).toEqual(['ok', 'fine']);
  });

  test('needs the columns of its format', () => {
    expect(pods('name,cpu\np,1\n').problems).toEqual([
      [1, 'the first line names no column cpu_milli, memory_mib, num_gpu, gpu_milli; it has "name", "cpu"'],
    ]);
    expect(pods('').problems).toEqual([[1, 'the file is empty']]);
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
