package dev.slipway.docs;

import dev.slipway.TestClient;
import dev.slipway.TestForm;
import dev.slipway.TestSource;

/** The operations through which a source comes in; what they refuse, they refuse alike. */
enum Door {
    API("createBuild", TestClient.BUILDS, "image"),
    UPLOAD("buildForm", "/build", "image_name");

    private final String operation;
    private final String path;
    private final String imageField;

    Door(String operation, String path, String imageField) {
        this.operation = operation;
        this.path = path;
        this.imageField = imageField;
    }

    String path() {
        return path;
    }

    /** The name of an answer of this operation. */
    String answers(String rest) {
        return operation + " " + rest;
    }

    TestForm form(byte[] archive) {
        return form("registry.example.com/team/app", archive);
    }

    TestForm form(String image, byte[] archive) {
        return new TestForm().field(imageField, image).file("file", "source.tar", archive);
    }

    TestForm goodForm() {
        return form(TestSource.holding("documented").tar());
    }
}
