export async function trace() { return []; }
