import { Document, isMap, isScalar, type Pair, type YAMLMap } from 'yaml';
import { firstStateServices } from './containers/first-state.ts';
import { kafkaServices } from './containers/kafka.ts';
import { pageServices } from './containers/pages.ts';
import { storeServices } from './containers/stores.ts';
import type { Described, Services } from './service.ts';

export const services: Services = { ...storeServices, ...kafkaServices, ...firstStateServices, ...pageServices };

const head = `The lab in Docker: docker compose up -d | ps | logs -f kafka-ui schema-registry mysql redis | down -v

Made by \`npm run compose\` from infra/stack/compose and infra/stack/settings, where the native stack takes its settings
from too: change them there. A test compares the two. Checked statically (structure, \`docker compose config\`), not
executed.

All ports are on 127.0.0.1. A variable moves each; \`labctl\` sets them from LABCTL_PORT_OFFSET.`;

/** The text of docker-compose.yml. */
export function composeFile(): string {
  const document = new Document(
    {
      name: 'labctl',
      services: Object.fromEntries(Object.entries(services).map(([name, { service }]) => [name, service])),
      volumes: Object.fromEntries(namedVolumes().map((name) => [name, null])),
    },
    // Readers of YAML 1.1 take an unquoted no for a boolean.
    { aliasDuplicateObjects: false, compat: 'yaml-1.1' },
  );
  document.commentBefore = commentOf(head);
  const table = document.get('services');
  if (!isMap(table)) throw new Error('services are a map');
  for (const [index, pair] of table.items.entries()) describe(pair as Pair<unknown, YAMLMap>, index > 0);
  for (const name of ['services', 'volumes']) spaceBefore(document.contents, name);
  return document.toString({ lineWidth: 0, nullStr: '', singleQuote: false });
}

function describe({ key, value }: Pair<unknown, YAMLMap>, apart: boolean): void {
  if (!isScalar(key) || value === null) throw new Error('a service has a name and properties');
  const { about, notes }: Described = services[String(key.value)] as Described;
  key.commentBefore = commentOf(about);
  key.spaceBefore = apart;
  for (const { key: property } of value.items) {
    if (!isScalar(property)) continue;
    const note = notes?.[property.value as keyof Described['service']];
    if (note !== undefined) property.commentBefore = commentOf(note);
  }
}

function spaceBefore(contents: unknown, name: string): void {
  if (!isMap(contents)) return;
  const pair = contents.items.find(({ key }) => isScalar(key) && key.value === name);
  if (pair !== undefined && isScalar(pair.key)) pair.key.spaceBefore = true;
}

const commentOf = (text: string): string => text.replace(/^(?=.)/gm, ' ');

/** Mounts that name no path are volumes of the project. */
export function namedVolumes(): readonly string[] {
  const mounts = Object.values(services).flatMap(({ service }) => service.volumes ?? []);
  return mounts.flatMap((mount) => (/^[a-z]/.test(mount) ? [mount.slice(0, mount.indexOf(':'))] : []));
}
