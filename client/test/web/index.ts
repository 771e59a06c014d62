// What needs no process, with the extension in the browser and its server in a Worker; and what the rest says there.
import '../projects/bake.test';
import '../projects/view.test';
import '../projects/preview.test';
import '../projects/siblings.test';
import '../map/map.test';
import './process.test';

export { runInFolders } from '../projects/folders';
