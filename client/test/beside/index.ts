// Beside extensions that show something of a Dockerfile, too: what stands in for them is in the folders here.
import './beside.test';

export { runInFolders } from '../projects/folders';
