import { expect, test } from "vitest";
import { pathTo, readNodeInfo, readStreamInfo, type TreeNode } from "../src/model.js";

const node = (nodeId: string, parentId: string): TreeNode => ({
  nodeId,
  parentId,
  http: "",
  depth: 0,
  children: 0,
  maxChildren: 0,
  viewers: 0,
});
const ids = (path: TreeNode[]) => path.map(({ nodeId }) => nodeId).join(">");

test("the path is root first, whatever the order of the tree", () => {
  const tree = [node("c", "b"), node("a", ""), node("x", "a"), node("b", "a")];
  expect(ids(pathTo(tree, "c"))).toBe("a>b>c");
  expect(ids(pathTo(tree, "a"))).toBe("a");
  expect(pathTo(tree, "nobody")).toEqual([]);
  expect(ids(pathTo([node("c", "gone")], "c"))).toBe("c");
});

test("a loop, which a changing tree may show, is no path", () => {
  expect(pathTo([node("a", "b"), node("b", "a")], "a")).toEqual([]);
  expect(pathTo([node("a", "a")], "a")).toEqual([]);
});

test("what an answer lacks, or has wrong, becomes harmless", () => {
  expect(readStreamInfo({ name: "x", state: "LIVE", viewers: "many", tracks: 7 })).toMatchObject({
    name: "x",
    state: "live",
    viewers: 0,
    tracks: [],
  });
  expect(readStreamInfo(null).state).toBe("ended");
  expect(readNodeInfo({ peers: [{}, null, { rttMs: 3 }] }).peers.map((it) => it.rttMs)).toEqual([
    -1, -1, 3,
  ]);
});
