/** A project on a machine: its disk, its git, and the engine that `environment` leads to; without one none is asked. */
import { lastCommit } from './git';
import type { Environment } from './images/engine';
import { openImages } from './images/images';
import { machineDisk } from './machine-disk';
import { projectOn, type Project, type ProjectListener } from './project';

export function openProject(listener: ProjectListener, environment?: Environment): Project {
  return projectOn({ disk: machineDisk, committed: lastCommit, images: (place, told) => openImages(environment, place, told) }, listener);
}
