import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ChangeOrder } from './change-order.ts';
import { NodeInfo } from './framework/node-info.ts';

function walk(order: ChangeOrder): string[] {
  const names: string[] = [];
  for (let node = order.newest; node !== undefined; node = order.before(node)) names.push(node.name);
  return names;
}

it('has each node once, the one that changed last first, and none that is gone', () => {
  const step = fc.record({ node: fc.nat({ max: 5 }), isGone: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const nodes = Array.from({ length: 6 }, (_, index) => new NodeInfo(index, `node-${index}`));
      const order = new ChangeOrder();
      let expected: string[] = [];
      for (const { node: index, isGone } of steps) {
        const node = nodes[index]!;
        if (isGone) order.drop(node);
        else order.touch(node);
        const others = expected.filter((name) => name !== node.name);
        expected = isGone ? others : [node.name, ...others];
        expect(walk(order)).toEqual(expected);
      }
    }),
  );
});
