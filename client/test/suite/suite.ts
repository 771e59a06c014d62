import { suite } from '../runner';

export const { test, run } = suite<object>();
