import { type Dependency, dependencies } from '../../infra/contract/switches.ts';
import { command } from '../command.ts';
import { faultText, forOption, oneOf, orderFault } from '../fault-order.ts';
import type { Field } from '../fields.ts';

const nameArgument: Field<Dependency> = {
  kind: 'argument',
  syntax: '<name>',
  summary: { ko: dependencies.join(', '), en: dependencies.join(', ') },
  parse: (raw) => oneOf(String(raw), dependencies, { ko: '의존 서비스', en: 'a dependency' }),
};

export const faultDependency = command({
  path: ['fault', 'dependency'],
  summary: { ko: '프로젝터가 부르는 의존 서비스를 끔', en: 'switch off a dependency that the projector asks' },
  impact: 'write',
  fields: { name: nameArgument, forMs: forOption },
  run: ({ name, forMs }, context) =>
    orderFault(context, forMs, async () => {
      const { dependencyOff } = await import('../../infra/faults/dependency-off.ts');
      return dependencyOff.of({ scope: '', dependency: name });
    }),
  text: (result, { language }) => faultText(result, language),
});
