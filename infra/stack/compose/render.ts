import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../package-root.ts';
import { composeFile } from './compose-file.ts';

/** `npm run compose`: writes docker-compose.yml, which is kept in git so that it works without Node. */
writeFileSync(join(packageRoot, 'docker-compose.yml'), composeFile());
