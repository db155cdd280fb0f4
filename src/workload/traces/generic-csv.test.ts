import { describe, expect, it } from 'vitest';
import { csvRecords } from './csv-records.ts';
import { genericCsv } from './generic-csv.ts';

function read(kind: 'nodes' | 'pods', text: string): { rows: readonly unknown[]; problems: readonly string[] } {
  const problems: string[] = [];
  const report = (line: number, message: string): number => problems.push(`${line}: ${message}`);
  const rows = [...genericCsv[kind]!(csvRecords([text]), report)];
  return { rows, problems };
}

const mebibyte = 1024 * 1024;

describe('tables of one’s own', () => {
  it('hold pods with quantities, times in seconds, labels and devices', () => {
    const { rows, problems } = read(
      'pods',
      'name,arrival_s,run_time_s,count,cpu,memory,labels,gpu_count,gpu_milli,gpu_models,example.com/fpga\n' +
        'a,1.5,60,3,500m,512Mi,app=web;tier=front,1,250,T4|P100,2\n' +
        'b,,,,2,1Gi,,,,,\n',
    );
    expect(problems).toEqual([]);
    expect(rows).toEqual([
      {
        name: 'a',
        arrivalUs: 1_500_000,
        runTimeUs: 60_000_000,
        count: 3,
        requests: new Map([
          ['cpu', 500],
          ['memory', 512 * mebibyte],
          ['example.com/fpga', 2],
        ]),
        devices: { count: 1, milli: 250, models: ['T4', 'P100'] },
        labels: { app: 'web', tier: 'front' },
      },
      {
        name: 'b',
        arrivalUs: undefined,
        runTimeUs: undefined,
        count: 1,
        requests: new Map([
          ['cpu', 2000],
          ['memory', 1024 * mebibyte],
        ]),
        devices: undefined,
        labels: {},
      },
    ]);
  });

  it('hold nodes, with 110 pods where they do not say', () => {
    const { rows } = read('nodes', 'name,cpu,memory,pods,gpu_count,gpu_model\nn1,16,64Gi,,8,G2\nn2,4,8Gi,20,,\n');
    expect(rows).toMatchObject([
      {
        name: 'n1',
        allocatable: new Map([
          ['cpu', 16_000],
          ['memory', 65_536 * mebibyte],
          ['pods', 110],
        ]),
        devices: { count: 8, model: 'G2' },
      },
      {
        name: 'n2',
        allocatable: new Map([
          ['cpu', 4000],
          ['memory', 8192 * mebibyte],
          ['pods', 20],
        ]),
        devices: undefined,
      },
    ]);
  });

  it.each([
    [
      'a column that nobody knows',
      'name,cpu,memory,color\na,1,1,red\n',
      '1: unknown column color; there are name, cpu, memory, arrival_s, run_time_s, count, gpu_milli, gpu_models, labels, gpu_count, and extended resources',
    ],
    ['a missing column', 'name,cpu\na,1\n', '1: the first line names no column memory; it has "name", "cpu"'],
    ['a ragged row', 'name,cpu,memory\na,1\n', '2: 2 cells, and the first line has 3 columns'],
    [
      'a name',
      'name,cpu,memory\nBad_Name,1,1\n',
      '2: "Bad_Name" cannot be the name of an object; write small letters, digits, - and .',
    ],
    ['an amount', 'name,cpu,memory\na,1,64GB\n', '2: memory "64GB" is not a quantity such as 500m or 64Gi'],
    ['a negative amount', 'name,cpu,memory\na,-1,1\n', '2: cpu "-1" is negative; write a quantity from 0'],
    ['a time', 'name,cpu,memory,arrival_s\na,1,1,soon\n', '2: arrival_s "soon" is not a number of seconds from 0'],
    ['a count', 'name,cpu,memory,count\na,1,1,0\n', '2: count "0" is not a whole number from 1 to 1000000'],
    ['labels', 'name,cpu,memory,labels\na,1,1,a=b=c\n', '2: "a=b=c" is not a label; write app=web;tier=front'],
    [
      'more than a device',
      'name,cpu,memory,gpu_count,gpu_milli\na,1,1,1,1500\n',
      '2: gpu_milli "1500" is more than 1000, a whole device',
    ],
  ])('report %s by its line, and leave the row out', (_what, text, message) => {
    expect(read('pods', text)).toEqual({ rows: [], problems: [message] });
  });
});
