// Siblings and what is extracted of them, images that are built.
import './bake.test';
import './build.test';
import './layer-files.test';
import './view.test';
import './preview.test';
import './read-only.test';
import './registry.test';
import './siblings.test';

export { runInFolders } from './folders';
