export default () => <><A {...p} b='c' d={<i />}>text &amp; {x ? 'y' : null}</A></>;
