import { z } from 'zod';
import type { ReadOnlyMysql } from '../../mysql/read-only.ts';

/** As the reason of what it alone could tell. */
export const performanceSchemaOff = 'performance_schema is off';

const setting = z.object({ enabled: z.coerce.number() });

/** Its tables are there and empty while it is off (ha_perfschema.cc, rnd_next): nothing in them is then no answer. */
export async function isPerformanceSchemaOff(mysql: Pick<ReadOnlyMysql, 'query'>): Promise<boolean> {
  const [row] = await mysql.query('SELECT @@performance_schema AS enabled', [], setting);
  return row?.enabled === 0;
}
