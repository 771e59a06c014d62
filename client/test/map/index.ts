// The layer map in a real editor, in a page of its own.
import './map.test';

export { runInFolders } from '../projects/folders';
