// The same with every test of siblings: STRATA_ALL=1 npm test. They take minutes, and are not steady on a slow machine yet.
import './bake.test';
import './view.test';
import './preview.test';
import './siblings.test';
export { runFamilyTests } from './index';
