import argparse


def parser():
    parser = argparse.ArgumentParser()
    parser.add_argument("path")
    parser.add_argument(
        "--verbose",
        action="store_true",
    )
    return parser
