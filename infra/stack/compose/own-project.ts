import { accessSync, constants, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Config } from '../../config.ts';
import { RefusedError } from '../../errors.ts';
import { type Compose, composeFilePath, composeOf, projectName } from './docker.ts';
import { parseProjects } from './ps-output.ts';

const callTimeoutMs = 60_000;
/** Of looking for a project that need not be there: everybody who has no lab would wait for a daemon that hangs. */
const lookTimeoutMs = 2_000;

/**
 * Docker knows projects by name alone: another clone's containers and data would be taken for ours.
 * @throws RefusedError when the project of this name is not from this clone; EngineError.
 */
export async function requireOwnProject({ portOffset }: Config, compose: Compose): Promise<void> {
  const name = projectName(portOffset);
  const files = await filesOf(name, compose, callTimeoutMs);
  if (files === undefined || files === '' || isOurs(files)) return;
  throw new RefusedError(
    { ko: `"${name}" 프로젝트는 다른 사본의 것입니다`, en: `the project "${name}" belongs to another clone` },
    {
      why: files,
      tryThis: [
        { ko: '그 사본에서 labctl down', en: 'labctl down, in that clone' },
        {
          ko: '이 사본은 다른 포트로: LABCTL_PORT_OFFSET=500 labctl up',
          en: 'this clone on other ports: LABCTL_PORT_OFFSET=500 labctl up',
        },
      ],
    },
  );
}

/** Whether there are containers of this clone's file, running or not: plain `docker compose up` writes nothing down. */
export async function hasOwnProject(config: Config, env: NodeJS.ProcessEnv): Promise<boolean> {
  if (!hasDocker(env)) return false;
  try {
    const files = await filesOf(projectName(config.portOffset), composeOf(config, env), lookTimeoutMs);
    return files !== undefined && isOurs(files);
  } catch {
    return false; // no daemon, no Compose: nothing of ours runs there
  }
}

/** @returns undefined where there is no such project. */
async function filesOf(name: string, compose: Compose, timeoutMs: number): Promise<string | undefined> {
  const projects = parseProjects(await compose.call(['ls', '--all', '--format', 'json'], { timeoutMs }));
  return projects.find((project) => project.Name === name)?.ConfigFiles;
}

/** By the file itself: a clone may have been entered by a symbolic link. */
function isOurs(files: string): boolean {
  const own = realPath(composeFilePath);
  return files.split(',').some((file) => realPath(file) === own);
}

/** The path itself where nothing is there: a clone that was deleted leaves its containers. */
function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}

/** Looked up on the PATH without starting anything. */
function hasDocker({ PATH = '' }: NodeJS.ProcessEnv): boolean {
  return PATH.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, 'docker'), constants.X_OK);
      return folder !== '';
    } catch {
      return false;
    }
  });
}
